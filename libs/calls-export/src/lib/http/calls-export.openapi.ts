import { applyDecorators } from '@nestjs/common';
import type { IdRule } from '../entities/calls-entities';
import { ANY_INTEGER } from '../entities/column-use';
import { DEFAULT_FORMAT, EXPORT_FORMATS } from '../formats/export-formats';
import type { Views } from '../model/export-column';
import { DEFAULT_FILE_NAME, type FileName } from '../options/file-name';
import { attachment } from './export-headers';
import { fileContents, FILE_MEDIA_TYPES } from './file-contents.openapi';
import { idParameter } from './id-parameter';
import { dateQuery, later, optional, problem, TIME_ZONE_QUERY } from './parts.openapi';

/** What the OpenAPI document says of one import of the module. */
export interface ExportDescription {
  /** What a call may have as its status. */
  readonly statuses: readonly string[];
  /** Whether the library's own guard lets requests in. */
  readonly hasOwnGuard: boolean;
  /** The security scheme of the host's document. Default: `bearer` with the library's own guard, else none. */
  readonly securityScheme?: string;
  /** The columns that a file may have. */
  readonly views: Views;
  /** Whether calls may be filtered by their assistant. */
  readonly hasAssistants: boolean;
  /** What the id of an assistant is. Default: a positive 32-bit integer. */
  readonly assistantIds?: IdRule;
  /** What the id of a call is. Default: a 64-bit integer. */
  readonly callIds?: IdRule;
  /** Default `calls_export`. */
  readonly fileName?: FileName;
  /** Default `Calls`. */
  readonly tags?: readonly string[];
}

type Swagger = typeof import('@nestjs/swagger');

const POSITIVE_INT32: IdRule = { form: 'integer', min: 1n, max: 2n ** 31n - 1n };
const INT64: IdRule = { form: 'integer', ...ANY_INTEGER };

/** The decorators of Swagger's that describe the two handlers. */
export function operationsOf(
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
      description: 'The format of the file.',
    }),
    ApiQuery({
      name: 'status',
      required: false,
      schema: { type: 'string', enum: [...statuses] },
      examples: optional('A status', statuses.includes('completed') ? 'completed' : statuses[0]),
      description: 'Only calls in this status.',
    }),
    ...(hasAssistants
      ? [
          ApiQuery({
            name: 'assistant_id',
            required: false,
            schema: assistantId.schema,
            examples: optional('An assistant', assistantId.example),
            description: 'Only calls of this assistant.',
          }),
        ]
      : []),
    ApiQuery(
      dateQuery(
        'date_from',
        'Only calls that started at this time or later',
        'from its first instant on',
      ),
    ),
    ApiQuery(
      dateQuery(
        'date_to',
        'Only calls that started at this time or earlier',
        'to its last instant',
      ),
    ),
    ApiQuery(TIME_ZONE_QUERY),
    ApiQuery({
      name: 'after',
      required: false,
      schema: callId.schema,
      examples: optional('A call', callId.example),
      description:
        "The id of a call: only the calls behind it in the file's order, as the rest of a download that broke off behind its row.",
    }),
    ApiResponse(
      problem(
        400,
        'Bad Request',
        [`format must be one of ${EXPORT_FORMATS.join(', ')}`],
        'A parameter is not acceptable.',
      ),
    ),
    ...(securityScheme === undefined ? [] : [ApiSecurity(securityScheme)]),
    ApiResponse(
      hasOwnGuard
        ? problem(
            401,
            'Unauthorized',
            'A bearer token is required in the Authorization header',
            'No token, or a bad one.',
          )
        : // What it says is for the host's guards to say.
          { status: 401, description: 'No credentials, or bad ones.' },
    ),
    ApiResponse(
      problem(
        403,
        'Forbidden',
        'The request opens no account',
        'The request opens no account, or may not export its calls.',
      ),
    ),
    ApiResponse(
      problem(
        426,
        'Upgrade Required',
        'Over HTTP/1.0 a file that breaks off looks whole, so the export wants HTTP/1.1: in nginx set proxy_http_version 1.1',
        'The request, or a proxy between, speaks HTTP/1.0.',
      ),
    ),
    ApiResponse(
      later(
        429,
        'Too Many Requests',
        '4 exports of this account are running, which is as many as may: try again when one has ended',
        'The account has as many exports running, or has sent as many requests, as it may.',
      ),
    ),
    ApiResponse(
      later(
        503,
        'Service Unavailable',
        'The database is not available at the moment: try again soon',
        'The database does not answer, or as many exports are running as may at all.',
      ),
    ),
  ];
  return {
    export: applyDecorators(
      ApiOperation({
        tags: [...tags],
        summary: 'Export calls',
        description:
          "Downloads the calls of the token's account as a CSV, JSON, NDJSON or XLSX file, oldest first: in the order in which they " +
          'were created or, with a date filter, in which they started.\n\nTimes are in `timezone`, by default UTC, and have no ' +
          'offset. No calls give the CSV header alone, `[]`, an empty NDJSON file, or a workbook with the header.\n\n' +
          'With the header `TE: trailers`, the number of calls and the SHA-256 of the file, as it is after decompression, come ' +
          'behind it as the trailers `X-Export-Rows` and `Unencoded-Digest`.',
      }),
      ApiProduces(...FILE_MEDIA_TYPES),
      ApiResponse({
        status: 200,
        description: 'The file, as a download.',
        headers: {
          'Content-Disposition': {
            description:
              typeof fileName === 'string'
                ? `\`${attachment(`${fileName}.csv`)}\`, with the ending of the format that was asked for`
                : '`attachment`, with the name of the file and the ending of the format that was asked for',
            schema: { type: 'string' },
          },
          Trailer: {
            description: 'The names of the trailers, if the request has the header `TE: trailers`',
            schema: { type: 'string' },
          },
        },
        content: fileContents(views, statuses),
      }),
      ApiResponse(
        problem(
          412,
          'Precondition Failed',
          "An export is made anew for each request and can't be resumed by a Range: leave the header out, and continue a broken file by the parameter after",
          'The request asks for a part of the file.',
        ),
      ),
      ...common,
    ),
    count: applyDecorators(
      ApiOperation({
        tags: [...tags],
        summary: 'Count calls',
        description: 'Tells how many calls the export would hold, without exporting them.',
      }),
      ApiResponse({
        status: 200,
        description: 'The headers that the export would have, and the number of calls.',
        headers: {
          'X-Total-Count': {
            description: 'How many calls, or `unknown` if that takes too long to find out',
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
