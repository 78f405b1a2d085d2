import { applyDecorators } from '@nestjs/common';
import { EXPORT_COLUMNS } from '../formats/export-columns';
import { DEFAULT_FORMAT, EXPORT_FORMATS } from '../formats/export-formats';
import { fileContents, FILE_MEDIA_TYPES } from './file-contents.openapi';

/**
 * Describes the endpoint in the host's OpenAPI document, where the host has `@nestjs/swagger`.
 *
 * @param statuses that a call may have.
 * @param wantsBearerToken whether the library's own guard lets requests in.
 */
export function describeExport(
  statuses: readonly string[],
  wantsBearerToken: boolean,
): { readonly export: MethodDecorator; readonly count: MethodDecorator } {
  const swagger = loadSwagger();
  if (!swagger) return { export: () => {}, count: () => {} };
  const { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiResponse } = swagger;
  const common = [
    ApiQuery({
      name: 'format',
      required: false,
      schema: { type: 'string', enum: [...EXPORT_FORMATS], default: DEFAULT_FORMAT },
      description: 'The format of the file.',
    }),
    ApiQuery({
      name: 'status',
      required: false,
      schema: { type: 'string', enum: [...statuses] },
      description: 'Only calls in this status.',
    }),
    ApiQuery({
      name: 'assistant_id',
      required: false,
      schema: { type: 'integer', format: 'int32', minimum: 1 },
      description: 'Only calls of this assistant.',
    }),
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
    ApiResponse(
      problem(
        400,
        'Bad Request',
        [`format must be one of ${EXPORT_FORMATS.join(', ')}`],
        'A parameter is not acceptable.',
      ),
    ),
    ...(wantsBearerToken
      ? [
          ApiBearerAuth(),
          ApiResponse(
            problem(
              401,
              'Unauthorized',
              'A bearer token is required in the Authorization header',
              'No token, or a bad one.',
            ),
          ),
        ]
      : []),
    ApiResponse(
      problem(403, 'Forbidden', 'The token opens no account', 'The request names no account.'),
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
        operationId: 'exportCalls',
        tags: ['Calls'],
        summary: 'Export calls',
        description:
          "Downloads the calls of the token's account as a CSV, JSON or NDJSON file, oldest first: in the order in which they " +
          'were created or, with a date filter, in which they started.\n\nTimes are in UTC. No calls give the CSV header ' +
          'alone, `[]`, or an empty NDJSON file.',
      }),
      ApiProduces(...FILE_MEDIA_TYPES),
      ApiResponse({
        status: 200,
        description: 'The file, as a download.',
        headers: {
          'Content-Disposition': {
            description:
              '`attachment; filename="calls_export.csv"`, with the ending of the format that was asked for',
            schema: { type: 'string' },
          },
        },
        content: fileContents(EXPORT_COLUMNS, statuses),
      }),
      ApiResponse(
        problem(
          412,
          'Precondition Failed',
          "An export is made anew for each request and can't be resumed: download it from its beginning, without the header Range",
          'The request asks for a part of the file.',
        ),
      ),
      ...common,
    ),
    count: applyDecorators(
      ApiOperation({
        operationId: 'countCalls',
        tags: ['Calls'],
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

function loadSwagger(): typeof import('@nestjs/swagger') | undefined {
  try {
    // Not an import, which would fail in a host without it.
    return require('@nestjs/swagger');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** A refusal that passes. */
function later(statusCode: number, error: string, message: string, description: string) {
  return {
    ...problem(statusCode, error, message, description),
    headers: {
      'Retry-After': { description: 'In so many seconds', schema: { type: 'integer' } },
    },
  };
}

function dateQuery(name: string, meaning: string, extent: string) {
  return {
    name,
    required: false,
    schema: { type: 'string' },
    examples: {
      none: { summary: 'Not given', value: '' },
      day: { summary: 'A day', value: '2023-10-30' },
      second: { summary: 'A second, with an offset', value: '2023-10-30T10:05:00+02:00' },
    },
    description:
      `${meaning}: \`YYYY-MM-DD\`, or a date-time with \`Z\`, an offset or neither (UTC). It counts ${extent}, so a ` +
      'date takes in the whole day. A call that has not started is in no date range.',
  };
}

function problem(
  statusCode: number,
  error: string,
  message: string | string[],
  description: string,
) {
  return {
    status: statusCode,
    description,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['statusCode', 'message', 'error'],
          properties: {
            statusCode: { type: 'integer' },
            message: Array.isArray(message)
              ? {
                  type: 'array',
                  items: { type: 'string' },
                  description: 'A sentence for each fault',
                }
              : { type: 'string' },
            error: { type: 'string' },
          },
        },
        example: { message, error, statusCode },
      },
    },
  };
}
