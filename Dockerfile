# The command in an image: docker run --rm -e OPENAI_API_KEY -v "$PWD:/work" IMAGE run http://host:8000/v1
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY contract contract
COPY strategies strategies
COPY reports reports
RUN pip install --no-cache-dir "hatchling>=1.25,<2" \
    && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl \
    && useradd --create-home --uid 10001 contract \
    && install -d -o contract -g contract /work
USER contract
WORKDIR /work
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["contract"]
CMD ["--help"]
