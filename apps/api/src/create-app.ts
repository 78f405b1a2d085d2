import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { allowMethodsOfPath } from './allowed-methods';
import { serveDocs, servesDocs } from './api-document';
import { AppModule } from './app.module';
import { type Environment, TRUST_PROXY_RULE } from './environment';
import { allowLocalHosts } from './local-hosts';
import { EnvironmentError } from './read-environment';
import { listOf } from './setting-rules';
import { RATE_HEADERS } from './rate-limits/rate-headers';
import { giveRequestId } from './request-id';
import { serveInTurn } from './serve-in-turn';

const CORS_MAX_AGE_SECONDS = 600;
/** What a web page of another origin may send, beside what every page may. */
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
/** What it may read, beside what every page may. */
const RESPONSE_HEADERS = [
  'Content-Disposition',
  'Retry-After',
  ...Object.keys(RATE_HEADERS),
  'X-Request-Id',
  'X-Total-Count',
];

/** The whole HTTP application, ready to listen: the server and the tests start the same one. */
export async function createApp(
  environment: Environment,
  databaseUrl: string,
  options: NestApplicationOptions = {},
): Promise<NestExpressApplication> {
  const { TRUST_PROXY, CORS_ORIGINS } = environment;
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(environment, databaseUrl),
    // No route takes a body.
    { ...options, bodyParser: false },
  );
  if (TRUST_PROXY !== undefined) await trustProxy(app, TRUST_PROXY);
  app.use(serveInTurn);
  app.use(giveRequestId);
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

/** Nothing but what Swagger UI loads from here. It is not told to upgrade to HTTPS, which is a proxy's to do. */
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

/** @throws EnvironmentError where Express can't read one of the addresses. */
async function trustProxy(app: NestExpressApplication, proxies: string): Promise<void> {
  try {
    // Nest's own `set` would end the process.
    app
      .getHttpAdapter()
      .getInstance()
      .set('trust proxy', /^\d+$/.test(proxies) ? Number(proxies) : proxies);
  } catch {
    await app.close();
    throw new EnvironmentError(TRUST_PROXY_RULE);
  }
}
