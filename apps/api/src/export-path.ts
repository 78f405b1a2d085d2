/** Where the export is. */
export const EXPORT_PATH = 'api/v1/calls/export';
