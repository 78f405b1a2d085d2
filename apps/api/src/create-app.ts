import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import helmet from 'helmet';
import { allowMethodsOfPath } from './allowed-methods';
import { serveDocs, servesDocs } from './api-document';
import { AppModule } from './app.module';
import { type Environment, TRUST_PROXY_RULE } from './environment';
import { allowLocalHosts } from './local-hosts';
import { EnvironmentError } from './read-environment';
import { listOf } from './setting-rules';
import { normalizeForwardedFor } from './rate-limits/forwarded-addresses';
import { RATE_HEADERS } from './rate-limits/rate-headers';
import { assignRequestId } from './request-id';
import { serializeRequests } from './serialize-requests';

const CORS_MAX_AGE_SECONDS = 600;
/** The headers that a page of another origin may send, in addition to the CORS-safelisted ones. */
const REQUEST_HEADERS = [
  'Authorization',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Range',
  'X-Request-Id',
];
/** The headers that such a page may read, in addition to the CORS-safelisted ones. */
const RESPONSE_HEADERS = [
  'Content-Disposition',
  'Retry-After',
  ...Object.keys(RATE_HEADERS),
  'X-Request-Id',
  'X-Total-Count',
];

/** Creates the HTTP application. The server and the tests use the same one. */
export async function createApp(
  environment: Environment,
  databaseUrl: string,
  options: NestApplicationOptions = {},
): Promise<NestExpressApplication> {
  const { TRUST_PROXY, CORS_ORIGINS } = environment;
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(environment, databaseUrl),
    new ExpressAdapter(strictExpress()),
    // No route accepts a body.
    { ...options, bodyParser: false },
  );
  if (TRUST_PROXY !== undefined) {
    await trustProxy(app, TRUST_PROXY);
    app.use(normalizeForwardedFor);
  }
  app.use(serializeRequests);
  app.use(assignRequestId);
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY } }));
  if (environment.DATABASE_URL === undefined) app.use(allowLocalHosts);
  if (CORS_ORIGINS !== undefined) {
    app.enableCors({
      origin: listOf(CORS_ORIGINS),
      methods: ['GET', 'HEAD'],
      allowedHeaders: REQUEST_HEADERS,
      exposedHeaders: RESPONSE_HEADERS,
      maxAge: CORS_MAX_AGE_SECONDS,
    });
  }
  app.use(allowMethodsOfPath);
  if (servesDocs(environment)) serveDocs(app);
  return app;
}

/**
 * Creates an Express that matches paths exactly, so that `/METRICS` or `/metrics/` can't bypass a proxy rule
 * that blocks `/metrics`. Both settings must be enabled before the first middleware, which the constructor of
 * Nest's adapter adds.
 */
function strictExpress(): express.Express {
  return express().enable('case sensitive routing').enable('strict routing');
}

/** Allows only what Swagger UI loads from this server. HTTPS upgrades are left to the proxy. */
const CONTENT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  formAction: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

/** @throws EnvironmentError if Express can't parse an address. */
async function trustProxy(app: NestExpressApplication, proxies: string): Promise<void> {
  try {
    // Nest's `app.set` would exit the process on an error.
    app
      .getHttpAdapter()
      .getInstance()
      .set('trust proxy', /^\d+$/.test(proxies) ? Number(proxies) : proxies);
  } catch {
    await app.close();
    throw new EnvironmentError(TRUST_PROXY_RULE);
  }
}
