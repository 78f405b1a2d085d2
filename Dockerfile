# The active LTS release of Node.js. All stages must use the same tag, which a test checks.
FROM node:26.12.1-slim AS build
WORKDIR /app
ENV NX_DAEMON=false
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-update-notifier
COPY . .
RUN npx nx build api

FROM node:26.12.1-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are peers that production does not use, such as drivers of other databases and
# TypeScript.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-update-notifier

FROM node:26.12.1-slim
ARG VERSION=0.0.0
LABEL org.opencontainers.image.title="calls-export" \
      org.opencontainers.image.description="Exports an account's phone calls over HTTP, at any size." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# The image does not need a package manager.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist/apps/api dist/apps/api
# The numeric id of the user `node`, so that an orchestrator can verify that it is not root.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
# Checks liveness, not readiness: some engines kill unhealthy containers, and with them the exports that are
# retrying the database.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/api/main.js"]
