"""Writes a llama of some 350 KB whose weights are random, always the same: `python make_model.py OUT.gguf`.

It says nothing of sense, but everything else of a language model is real: tokens, sampling, log probabilities,
grammars, a context that is full at some time. Needs `gguf` and `numpy`.
"""

import sys

import gguf
import numpy as np

WIDTH, HEADS, INNER, LAYERS, CONTEXT = 48, 4, 96, 2, 512
WORDS = "the of and to in is you that it for on are as with his they at be this have from or one had by word but not"
LETTERS = "etaoinshrdlcumwfgypbvkjxqzETAOINSHRDLCUMWFGYPBVKJXQZ0123456789.,:;!?'\"-_()[]{}<>/\\@#$%&*+=|~^`"
#: Every turn as a line of its own, so that no role needs a token.
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
#: How much likelier than letters the end is, and single bytes: an answer is some fifty tokens long, most of it text.
END_BIAS, BYTE_BIAS = 2.0, -3.0


def vocabulary() -> tuple[list[str], list[float], list[int]]:
    """Pieces, scores and types: control, every byte, letters, words with the space before them."""
    kinds = gguf.TokenType
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    types = [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL] + [kinds.BYTE] * 256
    # sentencepiece joins neighbours only into pieces of the list, so a word needs every beginning of itself
    joined = {f"\u2581{word}"[:length] for word in WORDS.split() for length in range(2, len(word) + 2)}
    texts = ["\u2581", *LETTERS, *sorted(joined, key=lambda piece: (len(piece), piece))]
    pieces += texts
    types += [kinds.NORMAL] * len(texts)
    scores = [0.0] * 259 + [float(len(text)) for text in texts]
    return pieces, scores, [int(kind) for kind in types]


def tensors(size: int) -> dict[str, np.ndarray]:
    """Random weights. Dimension 0 is 1 in every token, and nothing writes to it: there `output.weight` has its bias."""
    random = np.random.default_rng(20250322)

    def drawn(rows: int, columns: int, scale: float) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)

    made = {"token_embd.weight": drawn(size, WIDTH, 8.0), "output.weight": drawn(size, WIDTH, 2.0)}
    made["token_embd.weight"][:, 0] = 1.0
    made["output.weight"][:, 0] = 0.0
    made["output.weight"][2, 0] = END_BIAS
    made["output.weight"][3:259, 0] = BYTE_BIAS
    made["output_norm.weight"] = np.ones(WIDTH, np.float32)
    for layer in range(LAYERS):
        head = f"blk.{layer}."
        for name in ("attn_norm", "ffn_norm"):
            made[f"{head}{name}.weight"] = np.ones(WIDTH, np.float32)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            made[f"{head}{name}.weight"] = drawn(WIDTH, WIDTH, 1.0)
        for name in ("ffn_gate", "ffn_up"):
            made[f"{head}{name}.weight"] = drawn(INNER, WIDTH, 1.0)
        made[f"{head}ffn_down.weight"] = drawn(WIDTH, INNER, 1.0)
        made[f"{head}attn_output.weight"][0] = made[f"{head}ffn_down.weight"][0] = 0.0
    return made


def write(path: str) -> None:
    """One GGUF file: metadata, tokenizer, chat template, tensors."""
    pieces, scores, types = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("contract-tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(pieces))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)
    writer.add_pooling_type(gguf.PoolingType.MEAN)  # as models for embeddings have it: one vector a text
    for name, values in tensors(len(pieces)).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1])
