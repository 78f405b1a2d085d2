import { applyDecorators } from '@nestjs/common';
import { EXPORT_FORMATS } from './export-format';

const CSV_EXAMPLE = [
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"',
  '101,"CA4b8f0d5c1e2a39768f0d5c1e2a397684","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"',
  '102,"CA9d3e7a6b5c4f18209d3e7a6b5c4f1820","Sales Rep",,"no-answer",,,',
  '',
].join('\r\n');

const JSON_EXAMPLE = [
  {
    id: 101,
    call_sid: 'CA4b8f0d5c1e2a39768f0d5c1e2a397684',
    assistant_name: 'Support Bot',
    customer_phone_number: '+15559876543',
    status: 'completed',
    duration: 300,
    started_at: '2023-10-30T10:00:00',
    ended_at: '2023-10-30T10:05:00',
  },
  {
    id: 102,
    call_sid: 'CA9d3e7a6b5c4f18209d3e7a6b5c4f1820',
    assistant_name: 'Sales Rep',
    customer_phone_number: null,
    status: 'no-answer',
    duration: null,
    started_at: null,
    ended_at: null,
  },
];

const UTC_TIME = { type: 'string', nullable: true, example: '2023-10-30T10:00:00' };

const callSchema = (statuses: readonly string[]) => ({
  type: 'object',
  required: Object.keys(JSON_EXAMPLE[0] as object),
  properties: {
    id: { type: 'integer', format: 'int64' },
    call_sid: { type: 'string' },
    assistant_name: { type: 'string', nullable: true },
    customer_phone_number: { type: 'string', nullable: true },
    status: { type: 'string', enum: [...statuses] },
    duration: { type: 'integer', nullable: true, description: 'In seconds' },
    started_at: { ...UTC_TIME, description: 'In UTC' },
    ended_at: { ...UTC_TIME, description: 'In UTC' },
  },
});

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
      schema: { type: 'string', enum: [...EXPORT_FORMATS], default: 'csv' },
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
        ['format must be one of csv, json'],
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
          "Downloads the calls of the token's account as a CSV or JSON file, oldest first: in the order in which they were " +
          'created or, with a date filter, in which they started.\n\nTimes are in UTC. No calls give the CSV header alone, or `[]`.',
      }),
      ApiProduces('text/csv', 'application/json'),
      ApiResponse({
        status: 200,
        description: 'The file, as a download.',
        headers: {
          'Content-Disposition': {
            description: '`attachment; filename="calls_export.csv"`, or `calls_export.json`',
            schema: { type: 'string' },
          },
        },
        content: {
          'text/csv': { schema: { type: 'string' }, example: CSV_EXAMPLE },
          'application/json': {
            schema: { type: 'array', items: callSchema(statuses) },
            example: JSON_EXAMPLE,
          },
        },
      }),
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
          'X-Total-Count': { description: 'How many calls', schema: { type: 'integer' } },
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
