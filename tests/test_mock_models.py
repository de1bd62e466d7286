import pytest
from mock_driver import Driver, the_spec

from contract.pointer import resolve

WELL_KNOWN = [
    "gpt-4o",
    "gpt-4o-mini",
    "o1",
    "o3-mini",
    "gpt-3.5-turbo-instruct",
    "text-embedding-3-small",
    "text-embedding-3-large",
    "whisper-1",
    "gpt-4o-transcribe",
    "tts-1",
    "gpt-4o-mini-tts",
    "dall-e-2",
    "dall-e-3",
    "omni-moderation-latest",
    "gpt-4o-realtime-preview",
]


@pytest.fixture(scope="module")
def mock() -> Driver:
    """One server: nothing here changes it."""
    return Driver()


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_the_well_known_models_are_there(mock, name):
    """A model that clients name by heart is listed once, and get tells the same of it."""
    listed = [each for each in mock.ok("listModels")["data"] if each["id"] == name]
    assert listed == [mock.ok("retrieveModel", {"model": name})]


@pytest.mark.parametrize(
    "schema",
    [
        "ModelIdsShared/anyOf/1",
        "AssistantSupportedModels",
        "CreateCompletionRequest/properties/model/anyOf/1",
        "CreateEmbeddingRequest/properties/model/anyOf/1",
        "CreateFineTuningJobRequest/properties/model/anyOf/1",
        "CreateImageRequest/properties/model/anyOf/1",
        "CreateModerationRequest/properties/model/anyOf/1",
        "CreateSpeechRequest/properties/model/anyOf/1",
        "CreateTranscriptionRequest/properties/model/anyOf/1",
        "RealtimeSessionCreateRequest/properties/model",
    ],
)
def test_every_model_that_the_spec_names_is_there(mock, schema):
    """A model that an enum of the spec names can be got."""
    named = resolve(the_spec().published, f"/components/schemas/{schema}")["enum"]
    assert named
    for name in named:
        assert mock.ok("retrieveModel", {"model": name})["id"] == name


def test_an_unknown_model_is_not_found(mock):
    """Get and delete of a name that no model has are 404 with the code that clients look at."""
    for operation in ("retrieveModel", "deleteModel"):
        assert mock.refused(404, operation, {"model": "gpt-99"})["code"] == "model_not_found"


def test_a_well_known_model_cannot_be_deleted(mock):
    """Base models belong to somebody else: 403, and they stay."""
    mock.refused(403, "deleteModel", {"model": "gpt-4o"})
    assert mock.ok("retrieveModel", {"model": "gpt-4o"})["id"] == "gpt-4o"
