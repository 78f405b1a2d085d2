import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Environment } from './environment';
import { RATE_HEADERS } from './rate-limits/rate-headers';

/** The path of Swagger UI. */
export const DOCS_PATH = 'docs';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

/** Whether Swagger UI is served. */
export function servesDocs({ NODE_ENV, SWAGGER }: Environment): boolean {
  return SWAGGER === undefined ? NODE_ENV !== 'production' : SWAGGER === 'true';
}

/** Serves Swagger UI at `/docs` and the OpenAPI document at `/docs-json`. */
export function serveDocs(app: NestExpressApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiDocument(app), {
    customSiteTitle: 'Calls export',
    swaggerOptions: { persistAuthorization: true },
  });
}

/** Creates the OpenAPI document of the export. */
export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Calls export')
    .setDescription(
      "Exports an account's phone calls as a file.\n\nEvery response has the header `X-Request-Id`: the id that the request sent in " +
        'the same header, or a new one. Error bodies repeat it as `requestId`.',
    )
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // The server that the document is loaded from.
    .addServer('/')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, description, {
    // The function names of generated clients: `exportCalls` and `countCalls`. The document only covers the
    // export.
    operationIdFactory: (_controller, method) => `${method}Calls`,
  });
  const paths = Object.entries(document.paths).map(([path, item]) => [path, describePath(item)]);
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, headers: RATE_HEADERS },
  };
}

/**
 * Lists GET before HEAD, whose route must be registered first, and adds the rate limit headers to all
 * responses.
 */
function describePath({ get, head, ...item }: PathItem): PathItem {
  return {
    ...(get && { get: withRateHeaders(get) }),
    ...(head && { head: withRateHeaders(head) }),
    ...item,
  };
}

function withRateHeaders(operation: Operation): Operation {
  const references = Object.keys(RATE_HEADERS).map((name) => [
    name,
    { $ref: `#/components/headers/${name}` },
  ]);
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    if (!response || '$ref' in response) return [status, response];
    return [
      status,
      { ...response, headers: { ...response.headers, ...Object.fromEntries(references) } },
    ];
  });
  return { ...operation, responses: Object.fromEntries(responses) };
}
