FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npx nx build api

FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional ones are peers that packages could work with, such as other databases' drivers and TypeScript.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:22-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist/apps/api dist/apps/api
USER node
EXPOSE 3000
CMD ["node", "dist/apps/api/main.js"]
