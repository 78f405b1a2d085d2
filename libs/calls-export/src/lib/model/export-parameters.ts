/** The query parameters of the endpoint, in the order of the OpenAPI document. */
export const EXPORT_PARAMETERS: readonly string[] = [
  'format',
  'status',
  'assistant_id',
  'date_from',
  'date_to',
  'timezone',
  'after',
];
