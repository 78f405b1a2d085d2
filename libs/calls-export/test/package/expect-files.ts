import { sign } from 'jsonwebtoken';
import { SECRET } from './installed-hosts';

export const HEADER =
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n';
/** Adds calls to the library's tables on PostgreSQL. */
export const INSERT_CALLS = `
  INSERT INTO assistants (account_id, name) VALUES (1, 'Support Bot');
  INSERT INTO calls
    (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
  VALUES
    (1, 'CA1', 1, '+15559876543', 'completed', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z'),
    (2, 'CA2', NULL, NULL, 'completed', NULL, NULL, NULL),
    (1, 'CA3', NULL, NULL, 'queued', NULL, NULL, NULL)`;
const CALLS = [
  '{"id":1,"call_sid":"CA1","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"}',
  '{"id":3,"call_sid":"CA3","assistant_name":null,"customer_phone_number":null,"status":"queued","duration":null,"started_at":null,"ended_at":null}',
];
const FILES = {
  csv:
    HEADER +
    '1,"CA1","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n' +
    '3,"CA3",,,"queued",,,\r\n',
  json: `[\n${CALLS.join(',\n')}\n]`,
  ndjson: CALLS.map((call) => `${call}\n`).join(''),
};

/** Expects a host app with these calls to export the files of account 1, and to reject invalid requests. */
export async function expectFiles(url: string): Promise<void> {
  const token = sign({ account_id: 1 }, SECRET, { expiresIn: 60 });
  const headers = { authorization: `Bearer ${token}` };
  for (const format of ['csv', 'json', 'ndjson'] as const) {
    const response = await fetch(`${url}/calls/export?format=${format}`, { headers });
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="calls_export.${format}"`,
    );
    expect(await response.text()).toBe(FILES[format]);
  }
  expect((await fetch(`${url}/calls/export`)).status).toBe(401);
  expect((await fetch(`${url}/calls/export?status=lost`, { headers })).status).toBe(400);
}
