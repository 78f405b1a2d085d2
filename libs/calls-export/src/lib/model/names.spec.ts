import { CALL_STATUSES } from './call-status';
import { COLUMN_KINDS, DEFAULT_VIEW } from './export-column';
import { EXPORT_PARAMETERS } from './export-parameters';

/* The names that clients and hosts use, in the order in which documents and messages list them. */
describe('The names of', () => {
  it('statuses are those of Twilio, and ongoing', () => {
    expect(CALL_STATUSES.join(' ')).toBe(
      'queued initiated ringing in-progress ongoing completed busy failed no-answer canceled',
    );
  });

  it('parameters are those of the query', () => {
    expect(EXPORT_PARAMETERS.join(' ')).toBe(
      'format status assistant_id date_from date_to timezone after',
    );
  });

  it('kinds of columns, and of the view of who has no other, are those of the options', () => {
    expect(COLUMN_KINDS.join(' ')).toBe('integer decimal boolean text time');
    expect(DEFAULT_VIEW).toBe('default');
  });
});
