import type { InjectionToken } from '@nestjs/common' with { 'resolution-mode': 'import' };
import { CallsExportService } from './calls-export.service';

/**
 * Returns the injection token of the `CallsExportService` of one import of the module.
 *
 * @param name the option `name` of that import. Default: the import without a name, whose token is the
 *   class itself.
 * @example
 * constructor(
 *   @Inject(getCallsExportServiceToken('archive')) private readonly archive: CallsExportService,
 * ) {}
 * @publicApi
 */
export function getCallsExportServiceToken(name?: string): InjectionToken<CallsExportService> {
  return name === undefined ? CallsExportService : `CallsExportService:${name}`;
}
