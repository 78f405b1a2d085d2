import type { InjectionToken } from '@nestjs/common' with { 'resolution-mode': 'import' };
import { CallsExportService } from './calls-export.service';

/**
 * The injection token of the service of one import of the module, by the `name` of that.
 *
 * @param name default that of the import without a name, whose service is injected by its class as well.
 * @example constructor(@Inject(getCallsExportServiceToken('archive')) private readonly archive: CallsExportService) {}
 */
export function getCallsExportServiceToken(name?: string): InjectionToken<CallsExportService> {
  return name === undefined ? CallsExportService : `CallsExportService:${name}`;
}
