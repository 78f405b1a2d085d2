import { sign } from 'jsonwebtoken';
import type { DataSource } from 'typeorm';
import { SECRET } from './installed-hosts';

const TENANT = '0b5c0a1e-0000-4000-8000-000000000001';
const OTHER = '0b5c0a1e-0000-4000-8000-000000000002';
const AGENT = 'a6e07000-0000-4000-8000-000000000001';
/** In the order of creation, which is not the order of the IDs. */
const CALLS = [
  'ca110000-0000-4000-8000-00000000000f',
  'ca110000-0000-4000-8000-000000000001',
  'ca110000-0000-4000-8000-00000000000a',
] as const;

const INSERT = `
  INSERT INTO agents (id, "tenantId", name) VALUES ('${AGENT}', '${TENANT}', 'Support Bot');
  INSERT INTO phone_calls
    (id, "tenantId", sid, "agentId", "customerNumber", status, "startedAt", price, "isRecorded", "createdAt")
  VALUES
    ('${CALLS[2]}', '${TENANT}', 'CA3', NULL, NULL, 'queued', NULL, NULL, false, '2023-10-30 10:02Z'),
    ('${CALLS[0]}', '${TENANT}', 'CA1', '${AGENT}', '+15559876543', 'completed', '2023-10-30 10:00Z', 0.0125, true, '2023-10-30 10:00Z'),
    ('${CALLS[1]}', '${TENANT}', 'CA2', '${AGENT}', '+15559876500', 'busy', NULL, 12, false, '2023-10-30 10:01Z'),
    (gen_random_uuid(), '${OTHER}', 'CA4', NULL, NULL, 'completed', NULL, NULL, false, '2023-10-30 10:00Z')`;

const file = (one: string, two: string) =>
  '"Call ID","SID","Agent","Customer Phone","Status","Started At","Price (USD)","Recorded"\r\n' +
  `"${CALLS[0]}","CA1","Support Bot","${one}","completed","2023-10-30T10:00:00",0.012500,true\r\n` +
  `"${CALLS[1]}","CA2","Support Bot","${two}","busy",,12.000000,false\r\n` +
  `"${CALLS[2]}","CA3",,,"queued",,,false\r\n`;

/** Expects `examples/uuid-calls` to mask phone numbers for everyone except an admin. */
export async function expectUuidCalls(url: string, dataSource: DataSource): Promise<void> {
  await dataSource.query(INSERT);
  const get = (role: string, query = '') => {
    const token = sign({ tenant: TENANT, role }, SECRET, { expiresIn: 60 });
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${url}/calls/export${query}`, { headers });
  };
  expect(await (await get('admin')).text()).toBe(file('+15559876543', '+15559876500'));
  expect(await (await get('analyst')).text()).toBe(file('**********43', '**********00'));
  const one = await get('analyst', `?format=json&assistant_id=${AGENT.toUpperCase()}&status=busy`);
  expect(await one.json()).toEqual([
    {
      id: CALLS[1],
      call_sid: 'CA2',
      assistant_name: 'Support Bot',
      customer_phone_number: '**********00',
      status: 'busy',
      started_at: null,
      price: 12,
      recorded: false,
    },
  ]);
  const refused = await get('admin', '?assistant_id=7');
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { message: ['assistant_id must be a UUID such as 0b5c0a1e-0000-4000-8000-000000000001'] },
  ]);
}
