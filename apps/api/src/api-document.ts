import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Environment } from './environment';
import { RATE_HEADERS } from './rate-limits/rate-headers';

/** Where Swagger UI is. */
export const DOCS_PATH = 'docs';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

/** Whether Swagger UI is there. */
export function servesDocs({ NODE_ENV, SWAGGER }: Environment): boolean {
  return SWAGGER === undefined ? NODE_ENV !== 'production' : SWAGGER === 'true';
}

/** Swagger UI at `/docs`, the document at `/docs-json`. */
export function serveDocs(app: NestExpressApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiDocument(app), {
    customSiteTitle: 'Calls export',
    swaggerOptions: { persistAuthorization: true },
  });
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
  const document = SwaggerModule.createDocument(app, description, {
    // A generated client calls its functions so: `exportCalls` and `countCalls`. Nothing but the export is in the document.
    operationIdFactory: (_controller, method) => `${method}Calls`,
  });
  const paths = Object.entries(document.paths).map(([path, item]) => [path, describePath(item)]);
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, headers: RATE_HEADERS },
  };
}

/** GET comes first, though the route of HEAD has to, and each response has the rate headers. */
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
