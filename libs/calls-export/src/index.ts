export { CallsExportModule } from './lib/calls-export.module';
export type { CallsExportAsyncOptions } from './lib/calls-export.module-definition';
export type {
  CallsExportExtras,
  CallsExportModuleOptions,
  CallsExportOptions,
  ExportRequest,
} from './lib/calls-export-options';
export type { AccountId } from './lib/account-id';
export { CallsExportGuard } from './lib/calls-export.guard';
export { CallsExportService, type ExportQuery } from './lib/calls-export.service';
export type { CallsFilter } from './lib/calls-filter';
export type { ExportOutcome, ExportReport } from './lib/export-audit';
export type { ExportFormat } from './lib/export-format';
export type { ExportProgress, ExportStream } from './lib/export-stream';
export {
  DatabaseUnavailableError,
  TooManyExportsError,
  UnexportableCallError,
} from './lib/export-errors';

export { CALL_STATUSES, type CallStatus } from './lib/call-status';
export { Assistant } from './lib/entities/assistant.entity';
export { Call } from './lib/entities/call.entity';
export { callsMigrations } from './lib/migrations';
export { type EntitySchemas, portableEntities } from './lib/entities/portable-entities';
export {
  entitiesOnTables,
  type TableNames,
  type TablesOptions,
} from './lib/entities/entities-on-tables';
export type { AssistantField, CallField, MappedEntity } from './lib/calls-entities';
