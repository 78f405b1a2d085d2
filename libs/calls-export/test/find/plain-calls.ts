import { expectFound, type FindHost } from './find-host';

export const START = new Date('2023-10-30T10:00:00.000Z');

/** A call of account 7 with the assistant 1. */
export const call = (id: number, other: object = {}) => ({
  id,
  accountId: 7,
  callSid: `CA${id}`,
  assistantId: 1,
  status: 'busy',
  startedAt: new Date(START.getTime() + id * 1000),
  ...other,
});

/** Checks every filter for account 7, whose assistants are 1 and 2. */
export async function expectAllFound(host: FindHost, calls: number): Promise<void> {
  expect(await expectFound(host, 7)).toHaveLength(calls);
  await expectFound(host, 8);
  for (const assistantId of [1, 2, 3]) await expectFound(host, 7, { assistantId });
  await expectFound(host, 7, { status: 'busy' });
  await expectFound(host, 7, { startedFrom: START, startedBefore: new Date('2023-10-31') });
  await expectFound(host, 7, { startedFrom: START, assistantId: 1, status: 'busy' });
}

/** Adds three assistants and five calls. Four of the calls are of account 7. */
export async function addPlain(host: FindHost): Promise<void> {
  await host.add('assistants', { id: 1, accountId: 7, name: 'one' });
  await host.add('assistants', { id: 2, accountId: 7, name: 'two' });
  await host.add('assistants', { id: 3, accountId: 8, name: 'theirs' });
  await host.add('calls', call(1), call(2, { assistantId: 2 }), call(3, { assistantId: 3 }));
  await host.add('calls', call(4, { accountId: 8, assistantId: 3 }), call(5, { status: 'queued' }));
}
