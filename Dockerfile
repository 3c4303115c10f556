# oncall-approver as a container: Node's binary, the C libraries it needs, our compiled source and the production dependencies.
# No shell, no package manager, nothing that is written to at run time.
#
#   docker build --tag oncall-approver .
#   docker buildx build --platform linux/amd64,linux/arm64 --tag registry.example.com/oncall-approver:0.2.0 --push .
#
# Node is pinned by its version, the runtime by its Debian release; to pin both by content, give their digests, which the builder
# then verifies (docs/quick-start.md tells where to read them, and why none are committed):
#   --build-arg NODE_DIGEST=sha256:… --build-arg RUNTIME_DIGEST=sha256:…

ARG NODE_VERSION=26.10.0
# Has npm to build with, and the Node binary that goes into the image.
ARG NODE_IMAGE=docker.io/library/node:${NODE_VERSION}-bookworm-slim
ARG NODE_DIGEST=
# glibc, libstdc++, CA certificates and time zones of the same Debian release.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot
ARG RUNTIME_DIGEST=

# --- Compiled source, production dependencies, bill of materials: the same for every architecture, so made on the builder's own.
FROM --platform=${BUILDPLATFORM} ${NODE_IMAGE}${NODE_DIGEST:+@${NODE_DIGEST}} AS build
WORKDIR /oncall-approver
COPY package.json package-lock.json .npmrc ./
# No install script runs here: no dependency needs one.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN node scripts/build.ts && node scripts/supply-chain.ts
RUN npm ci --omit=dev --ignore-scripts && node scripts/trim-dependencies.ts node_modules
RUN mkdir --parents /image/app /image/etc/oncall-approver /image/run/identity /image/var/lib/oncall-approver \
  && cp --recursive package.json dist node_modules /image/app/ \
  && install -D --mode=755 scripts/in-image /image/usr/local/bin/oncall-approver \
  && chmod --recursive u=rwX,go=rX /image \
  && chown 65532:65532 /image/var/lib/oncall-approver

# --- Node for the target's architecture. From here on nothing is run, only copied: no emulator is needed to build for another one.
# The target's platform is the default, but older builders (buildah 1.28) keep the one of the stage before.
FROM --platform=${TARGETPLATFORM} ${NODE_IMAGE}${NODE_DIGEST:+@${NODE_DIGEST}} AS node

FROM --platform=${TARGETPLATFORM} ${RUNTIME_IMAGE}${RUNTIME_DIGEST:+@${RUNTIME_DIGEST}}
COPY --from=node /usr/local/bin/node /usr/local/bin/node
# Node is linked with libatomic, which the runtime image lacks.
COPY --from=node /usr/lib/*-linux-gnu/libatomic.so.1* /usr/lib/
COPY --from=build /image/ /

# For a service that allocates little: a young generation of 8 MB instead of 16, one thread that collects garbage beside the
# main one, one heap for all of malloc's threads. Together 20 MB less at rest.
ENV NODE_ENV=production NODE_OPTIONS="--max-semi-space-size=8 --v8-pool-size=1" MALLOC_ARENA_MAX=1
# Where SQLite may put aside for a moment what its memory has no room for: there is no /tmp to write to.
ENV SQLITE_TMPDIR=/var/lib/oncall-approver
WORKDIR /app
USER 65532:65532
# Settings and credentials. The ledger's folder, /var/lib/oncall-approver, is no VOLUME on purpose: a forgotten mount must
# fail at the first start (the root file system is read-only), not put the record into a volume without a name.
VOLUME ["/etc/oncall-approver", "/run/identity"]
EXPOSE 8080
STOPSIGNAL SIGTERM
# No init: Node handles SIGTERM and SIGINT as PID 1, and collects what is left of the one process that it starts, to prove claims.
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/main.js"]
CMD ["run", "--config", "/etc/oncall-approver/oncall-approver.yaml"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/usr/local/bin/node", "/app/dist/main.js", "healthcheck", "--config", "/etc/oncall-approver/oncall-approver.yaml"]

# Last, since they change with every build and what is copied does not.
ARG RUNTIME_IMAGE
ARG RUNTIME_DIGEST=
ARG VERSION=0.2.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="oncall-approver" \
  org.opencontainers.image.description="Approves Teleport access requests when PagerDuty says the right person is on call" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}" \
  org.opencontainers.image.base.name="${RUNTIME_IMAGE}" \
  org.opencontainers.image.base.digest="${RUNTIME_DIGEST}"
