/** A refusal that passes. */
export function later(statusCode: number, error: string, message: string, description: string) {
  return {
    ...problem(statusCode, error, message, description),
    headers: {
      'Retry-After': { description: 'In so many seconds', schema: { type: 'integer' } },
    },
  };
}

/** The examples of a parameter that may be left out. Swagger UI fills in the first one. */
export function optional(summary: string, value: unknown) {
  return { none: { summary: 'Not given' }, given: { summary, value } };
}

/** A parameter that bounds when calls started. */
export function dateQuery(name: string, meaning: string, extent: string) {
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
      `${meaning}: \`YYYY-MM-DD\`, or a date-time to the minute, second or fraction (ISO 8601 or RFC 3339). Without \`Z\` or an ` +
      `offset it is in \`timezone\`, by default UTC. It counts ${extent}, so a date takes in the whole day. A call that ` +
      'has not started is in no date range.',
  };
}

/** The parameter for the time zone. */
export const TIME_ZONE_QUERY = {
  name: 'timezone',
  required: false,
  schema: { type: 'string' },
  examples: {
    none: { summary: 'Not given: UTC', value: '' },
    zone: { summary: 'A time zone', value: 'Europe/Berlin' },
  },
  description:
    'The IANA name of the time zone of the times in the file, and of dates without an offset. Default `UTC`. ' +
    'If a clock shows a time twice, `date_from` means the first and `date_to` the second. If it skips a time, both mean the instant ' +
    'of the jump.',
};

/** A refusal. */
export function problem(
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
