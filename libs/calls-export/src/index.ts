export { CallsExportModule } from './lib/calls-export.module';
export type { CallsExportAsyncOptions } from './lib/calls-export.module-definition';
export type {
  CallsExportModuleOptions,
  CallsExportOptions,
} from './lib/options/calls-export-options';
export type {
  CallsExportExtras,
  DataSourceOfRequest,
  DataSourceOption,
} from './lib/options/calls-export-extras';
export type { CallsExportColumn, ChangedColumn, OwnColumn } from './lib/options/columns';
export { type FileName, safeFileName } from './lib/options/file-name';
export type { StatusesOption } from './lib/options/statuses';
export { CallsExportGuard } from './lib/http/calls-export.guard';

export {
  CallsExportService,
  type CountQuery,
  type ExportQuery,
} from './lib/export/calls-export.service';
export { getCallsExportServiceToken } from './lib/export/service-token';
export type { ExportOutcome, ExportReport } from './lib/export/export-report';
export type { ExportProgress, ExportStream } from './lib/export/export-stream';
export type { StandardColumnKey } from './lib/formats/export-columns';
export { EXPORT_FORMATS, type ExportFormat } from './lib/formats/export-formats';
export type { CsvDelimiter } from './lib/formats/file-format';

export type { AccountId } from './lib/model/account-id';
export type { AccountType } from './lib/model/account-type';
export { CALL_STATUSES, type CallStatus } from './lib/model/call-status';
export type { CallsFilter } from './lib/model/calls-filter';
export {
  AccountTypeError,
  DatabaseUnavailableError,
  InvalidAccountError,
  InvalidAfterError,
  TooManyExportsError,
  UnexportableCallError,
} from './lib/model/export-errors';
export type { ColumnKind, ExampleValue, Mask } from './lib/model/export-column';
export type { ExportRequest } from './lib/model/export-request';

export { Assistant } from './lib/entities/assistant.entity';
export { Call } from './lib/entities/call.entity';
export type {
  AssistantField,
  CallField,
  MappedCalls,
  MappedEntity,
} from './lib/entities/mapped-entity';
export {
  entitiesOnTables,
  type CallsTable,
  type TableNames,
  type TablesOptions,
} from './lib/entities/entities-on-tables';
export {
  type EntitySchemas,
  portableEntities,
  type WithoutAssistants,
} from './lib/entities/portable-entities';
export { callsMigrations } from './lib/migrations';
export { callsTables, type CallsTables } from './lib/migrations/calls-tables';
