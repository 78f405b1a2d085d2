/** The query parameters of the export, in the order in which they are described. */
export const EXPORT_PARAMETERS: readonly string[] = [
  'format',
  'status',
  'assistant_id',
  'date_from',
  'date_to',
  'timezone',
  'after',
];
