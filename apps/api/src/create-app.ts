import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import helmet from 'helmet';
import { AppModule } from './app.module';
import { type Environment, EnvironmentError, TRUST_PROXY_RULE } from './environment';
import { giveRequestId } from './request-id';
import { serveInTurn } from './serve-in-turn';

const CORS_MAX_AGE_SECONDS = 600;

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
  if (CORS_ORIGINS !== undefined) {
    app.enableCors({
      origin: CORS_ORIGINS.split(',').map((origin) => origin.trim()),
      methods: ['GET', 'HEAD'],
      allowedHeaders: ['Authorization', 'X-Request-Id'],
      exposedHeaders: ['Content-Disposition', 'Retry-After', 'X-Request-Id', 'X-Total-Count'],
      maxAge: CORS_MAX_AGE_SECONDS,
    });
  }
  if (servesDocs(environment)) serveDocs(app);
  return app;
}

/** Whether Swagger UI is there. */
export function servesDocs({ NODE_ENV, SWAGGER }: Environment): boolean {
  return SWAGGER === undefined ? NODE_ENV !== 'production' : SWAGGER === 'true';
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

/** What `/docs-json` serves. */
export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Calls export')
    .setDescription(
      "Exports an account's phone calls as a file.\n\nEvery answer has the header `X-Request-Id`, with the id that the request had in " +
        'the same header or else a new one, and the body of every error has it as `requestId`.',
    )
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // Where the document comes from.
    .addServer('/')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, description, {
    // A generated client calls its functions so: `exportCalls` and `countCalls`. Nothing but the export is in the document.
    operationIdFactory: (_controller, method) => `${method}Calls`,
  });
}

/** Swagger UI at `/docs`, the document at `/docs-json`. */
function serveDocs(app: NestExpressApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    customSiteTitle: 'Calls export',
    swaggerOptions: { persistAuthorization: true },
  });
}
