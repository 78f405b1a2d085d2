export { Assistant, Call, type CallStatus, portableEntities } from '@calls/data-access';
export { CallsExportModule } from './lib/calls-export.module';
export { CallsExportService } from './lib/calls-export.service';
export type { CallsFilter } from './lib/calls-filter';
export type { ExportFormat } from './lib/export-format';
