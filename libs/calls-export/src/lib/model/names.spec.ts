import { CALL_STATUSES } from './call-status';
import { COLUMN_KINDS, DEFAULT_VIEW } from './export-column';
import { EXPORT_PARAMETERS } from './export-parameters';

/* Clients and host apps depend on these names; documents and messages list them in this order. */
describe('The public names', () => {
  it('of the statuses are those of Twilio, and ongoing', () => {
    expect(CALL_STATUSES.join(' ')).toBe(
      'queued initiated ringing in-progress ongoing completed busy failed no-answer canceled',
    );
  });

  it('of the query parameters do not change', () => {
    expect(EXPORT_PARAMETERS.join(' ')).toBe(
      'format status assistant_id date_from date_to timezone after',
    );
  });

  it('of the column kinds and the default view do not change', () => {
    expect(COLUMN_KINDS.join(' ')).toBe('integer decimal boolean text time');
    expect(DEFAULT_VIEW).toBe('default');
  });
});
