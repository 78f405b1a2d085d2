/** The path of the export. */
export const EXPORT_PATH = 'api/v1/calls/export';
