import { csv } from './csv.format';
import { EXPORT_COLUMNS } from './export-columns';
import { DEFAULT_FORMAT, EXPORT_FORMATS, FORMATS } from './export-formats';
import { CSV_DELIMITERS, isUnquoted } from './file-format';

describe('The formats of an export', () => {
  it('are named after their file name extensions', () => {
    expect(EXPORT_FORMATS).toEqual(['csv', 'json', 'ndjson', 'xlsx']);
    expect(EXPORT_FORMATS.map((name) => FORMATS[name].extension)).toEqual(EXPORT_FORMATS);
  });

  it('default to CSV', () => expect(DEFAULT_FORMAT).toBe('csv'));

  it('allow four delimiters', () => expect(CSV_DELIMITERS).toEqual([',', ';', '\t', '|']));

  it.each([
    ['integer', true],
    ['decimal', true],
    ['boolean', true],
    ['text', false],
    ['time', false],
  ] as const)('write cells of kind %s without quotes: %s', (kind, unquoted) =>
    expect(isUnquoted(kind)).toBe(unquoted),
  );
});

describe('The standard columns', () => {
  const encoder = csv.encoder(EXPORT_COLUMNS, {
    formulaGuard: true,
    byteOrderMark: false,
    delimiter: ',',
  });

  it('have the documented titles in order', () =>
    expect(encoder.head).toBe(
      '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n',
    ));

  it('are read from fields of the call or its assistant', () =>
    expect(
      EXPORT_COLUMNS.map(({ key, of, field, kind }) => `${key}: ${kind} of ${of}.${field}`),
    ).toEqual([
      'id: integer of call.id',
      'call_sid: text of call.callSid',
      'assistant_name: text of assistant.name',
      'customer_phone_number: text of call.customerPhoneNumber',
      'status: text of call.status',
      'duration: integer of call.duration',
      'started_at: time of call.startedAt',
      'ended_at: time of call.endedAt',
    ]));

  it('are nullable if a call may have no value', () => {
    const nullable = EXPORT_COLUMNS.filter((column) => column.nullable);
    expect(nullable.map(({ key }) => key)).toEqual([
      'assistant_name',
      'customer_phone_number',
      'duration',
      'started_at',
      'ended_at',
    ]);
  });

  it('have examples of two calls, the second one unanswered', () => {
    const rows = [0, 1].map((call) =>
      EXPORT_COLUMNS.map(({ examples }) => examples?.[call] ?? null),
    );
    expect(encoder.encodeRows(rows)).toBe(
      '101,"CA4b8f0d5c1e2a39768f0d5c1e2a397684","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n' +
        '102,"CA9d3e7a6b5c4f18209d3e7a6b5c4f1820","Sales Rep",,"no-answer",,,\r\n',
    );
  });

  it.each(EXPORT_COLUMNS.map(({ key, description }) => [key, description]))(
    'have a description of %s',
    (_key, description) => expect(description).toMatch(/^(The|When|In) \w/),
  );
});
