import { applyDecorators } from '@nestjs/common';
import type { IdRule } from '../entities/calls-entities';
import { ANY_INTEGER } from '../entities/column-use';
import { DEFAULT_FORMAT, EXPORT_FORMATS } from '../formats/export-formats';
import type { Views } from '../model/export-column';
import { DatabaseUnavailableError, TooManyExportsError } from '../model/export-errors';
import { DEFAULT_FILE_NAME, type FileName } from '../options/file-name';
import { errorResponse, retryableErrorResponse } from './error-responses.openapi';
import { attachment } from './export-headers';
import { fileContents, FILE_MEDIA_TYPES } from './file-contents.openapi';
import { idParameter } from './id-parameter';
import { dateParameter, optionalExamples, TIME_ZONE_PARAMETER } from './query-parameters.openapi';
import { HTTP_1_1_REQUIRED, RANGE_NOT_SUPPORTED } from './refuse-partial-download';

/** What the OpenAPI description of one import of the module depends on. */
export interface ExportDescription {
  /** The statuses that a call may have. */
  readonly statuses: readonly string[];
  /** Whether the library's own guard protects the endpoint. */
  readonly hasOwnGuard: boolean;
  /**
   * A security scheme of the host app's document. Default `bearer` with the library's own guard, otherwise
   * none.
   */
  readonly securityScheme?: string;
  /** The columns of each view. */
  readonly views: Views;
  /** Whether calls have assistants to filter by. */
  readonly hasAssistants: boolean;
  /** The rule for ids of assistants. Default: a positive 32-bit integer. */
  readonly assistantIds?: IdRule;
  /** The rule for ids of calls. Default: a 64-bit integer. */
  readonly callIds?: IdRule;
  /** Default `calls_export`. */
  readonly fileName?: FileName;
  /** Default `Calls`. */
  readonly tags?: readonly string[];
}

type Swagger = typeof import('@nestjs/swagger');

const POSITIVE_INT32: IdRule = { form: 'integer', min: 1n, max: 2n ** 31n - 1n };
const INT64: IdRule = { form: 'integer', ...ANY_INTEGER };

/** Returns the Swagger decorators that describe the two handlers. */
export function operationDecorators(
  { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiSecurity }: Swagger,
  {
    statuses,
    hasOwnGuard,
    securityScheme = hasOwnGuard ? 'bearer' : undefined,
    views,
    hasAssistants,
    assistantIds = POSITIVE_INT32,
    callIds = INT64,
    fileName = DEFAULT_FILE_NAME,
    tags = ['Calls'],
  }: ExportDescription,
): { readonly export: MethodDecorator; readonly count: MethodDecorator } {
  const assistantId = idParameter(assistantIds);
  const callId = idParameter(callIds);
  const common = [
    ApiQuery({
      name: 'format',
      required: false,
      schema: {
        type: 'string',
        enum: [...EXPORT_FORMATS],
        default: DEFAULT_FORMAT,
        example: DEFAULT_FORMAT,
      },
      description: 'The file format.',
    }),
    ApiQuery({
      name: 'status',
      required: false,
      schema: { type: 'string', enum: [...statuses] },
      examples: optionalExamples(
        'A status',
        statuses.includes('completed') ? 'completed' : statuses[0],
      ),
      description: 'Only calls with this status.',
    }),
    ...(hasAssistants
      ? [
          ApiQuery({
            name: 'assistant_id',
            required: false,
            schema: assistantId.schema,
            examples: optionalExamples('An assistant', assistantId.example),
            description: 'Only calls of this assistant.',
          }),
        ]
      : []),
    ApiQuery(dateParameter('date_from', 'Only calls that started at or after this time')),
    ApiQuery(dateParameter('date_to', 'Only calls that started at or before this time')),
    ApiQuery(TIME_ZONE_PARAMETER),
    ApiQuery({
      name: 'after',
      required: false,
      schema: callId.schema,
      examples: optionalExamples('A call', callId.example),
      description:
        'The id of a call. Only calls after it, in the order of the file. To continue a truncated file, ' +
        'pass the id of its last complete row.',
    }),
    ApiResponse(
      errorResponse(
        400,
        'Bad Request',
        [`format must be one of ${EXPORT_FORMATS.join(', ')}`],
        'A parameter is invalid.',
      ),
    ),
    ...(securityScheme === undefined ? [] : [ApiSecurity(securityScheme)]),
    ApiResponse(
      hasOwnGuard
        ? errorResponse(
            401,
            'Unauthorized',
            'A bearer token is required in the Authorization header',
            'The token is missing or invalid.',
          )
        : // The host app's guards determine the body.
          { status: 401, description: 'The credentials are missing or invalid.' },
    ),
    ApiResponse(
      errorResponse(
        403,
        'Forbidden',
        'The request does not identify an account',
        'The request does not identify an account, or may not export its calls.',
      ),
    ),
    ApiResponse(
      errorResponse(
        426,
        'Upgrade Required',
        HTTP_1_1_REQUIRED,
        'The client or a proxy uses HTTP/1.0.',
      ),
    ),
    ApiResponse(
      retryableErrorResponse(
        429,
        'Too Many Requests',
        new TooManyExportsError('account', 4).message,
        'The account has reached its limit of concurrent exports or of requests.',
      ),
    ),
    ApiResponse(
      retryableErrorResponse(
        503,
        'Service Unavailable',
        new DatabaseUnavailableError(undefined).message,
        'The database is unavailable, or the server has reached its limit of concurrent exports.',
      ),
    ),
  ];
  return {
    export: applyDecorators(
      ApiOperation({
        tags: [...tags],
        summary: 'Export calls',
        description:
          "Downloads the account's calls as a CSV, JSON, NDJSON or XLSX file, oldest first. Calls are sorted " +
          'by creation or, with a date filter, by start.\n\n' +
          'Times are in `timezone`, by default UTC, without an offset. If no calls match, the file is just ' +
          'the CSV header, `[]`, an empty NDJSON file, or a workbook with only the header row.\n\n' +
          'If the request has the header `TE: trailers`, the response ends with the trailers ' +
          '`X-Export-Rows` (the number of calls) and `Unencoded-Digest` (the SHA-256 of the uncompressed file).',
      }),
      ApiProduces(...FILE_MEDIA_TYPES),
      ApiResponse({
        status: 200,
        description: 'The file, as a download.',
        headers: {
          'Content-Disposition': {
            description:
              typeof fileName === 'string'
                ? `\`${attachment(`${fileName}.csv`)}\`, with the extension of the requested format`
                : '`attachment`, with the name of the file and the extension of the requested format',
            schema: { type: 'string' },
          },
          Trailer: {
            description:
              'The names of the trailers. Only if the request has the header `TE: trailers`.',
            schema: { type: 'string' },
          },
        },
        content: fileContents(views, statuses),
      }),
      ApiResponse(
        errorResponse(
          412,
          'Precondition Failed',
          RANGE_NOT_SUPPORTED,
          'The request has a `Range` header.',
        ),
      ),
      ...common,
    ),
    count: applyDecorators(
      ApiOperation({
        tags: [...tags],
        summary: 'Count calls',
        description:
          'Returns the number of calls that the export would contain, without exporting them.',
      }),
      ApiResponse({
        status: 200,
        description: 'The headers of the export, and the number of calls.',
        headers: {
          'X-Total-Count': {
            description: 'The number of calls, or `unknown` if counting takes too long',
            schema: {
              anyOf: [{ type: 'integer' }, { type: 'string', enum: ['unknown'] }],
            },
          },
        },
      }),
      ...common,
    ),
  };
}
