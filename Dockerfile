FROM node:22-slim AS explorer
WORKDIR /source/explorer
COPY explorer/.npmrc explorer/package.json explorer/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY examples/queries /source/examples/queries
COPY explorer .
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements.lock .
RUN python -m venv /opt/trialgraph \
 && /opt/trialgraph/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
COPY --from=explorer /source/explorer/dist explorer/dist
RUN /opt/trialgraph/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --create-home trialgraph \
 && install --directory --owner trialgraph /data
COPY --from=build /opt/trialgraph /opt/trialgraph
ENV PATH=/opt/trialgraph/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TRIALGRAPH_ENVIRONMENT=production \
    TRIALGRAPH_HOST=0.0.0.0 \
    TRIALGRAPH_DATABASE_URL=sqlite:////data/trialgraph.db
USER trialgraph
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/readyz' % os.environ.get('TRIALGRAPH_PORT', 8000))"]
ENTRYPOINT ["trialgraph"]
CMD ["serve"]
