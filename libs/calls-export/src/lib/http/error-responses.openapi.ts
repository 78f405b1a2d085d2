/** Describes an error response. */
export function errorResponse(
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
                  description: 'One message per invalid parameter',
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

/** Describes an error response with a `Retry-After` header. */
export function retryableErrorResponse(
  statusCode: number,
  error: string,
  message: string,
  description: string,
) {
  return {
    ...errorResponse(statusCode, error, message, description),
    headers: {
      'Retry-After': {
        description: 'How long to wait before retrying, in seconds',
        schema: { type: 'integer' },
      },
    },
  };
}
