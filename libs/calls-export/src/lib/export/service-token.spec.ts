import { CallsExportService } from './calls-export.service';
import { getCallsExportServiceToken } from './service-token';

describe('getCallsExportServiceToken', () => {
  it('returns the class, or a token with the name of the import', () => {
    expect(getCallsExportServiceToken()).toBe(CallsExportService);
    expect(getCallsExportServiceToken('archive')).toBe('CallsExportService:archive');
  });
});
