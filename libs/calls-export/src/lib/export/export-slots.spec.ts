import { TooManyExportsError } from '../model/export-errors';
import { ExportSlots } from './export-slots';

const DATABASE = {};

/** Acquires slots until none is free. Returns how many there were and which limit was reached. */
function acquireAll(slots: ExportSlots, account: number | bigint | string, database = DATABASE) {
  for (let acquired = 0; ; acquired++) {
    try {
      slots.acquire(account, database);
    } catch (error) {
      const { scope, message } = error as TooManyExportsError;
      return { acquired, scope, message };
    }
  }
}

describe('ExportSlots', () => {
  it('limits the slots of each account', () => {
    const slots = new ExportSlots({ maxConcurrent: 10, maxPerAccount: 2 });
    expect(acquireAll(slots, 1)).toEqual({
      acquired: 2,
      scope: 'account',
      message: new TooManyExportsError('account', 2).message,
    });
    expect(acquireAll(slots, 2)).toMatchObject({ acquired: 2, scope: 'account' });
    expect(slots.running).toBe(4);
  });

  it('limits the slots of all accounts together', () => {
    const slots = new ExportSlots({ maxConcurrent: 3, maxPerAccount: 2 });
    expect(acquireAll(slots, 1).acquired).toBe(2);
    expect(acquireAll(slots, 2)).toEqual({
      acquired: 1,
      scope: 'process',
      message: new TooManyExportsError('process', 3).message,
    });
    expect(acquireAll(slots, 1)).toMatchObject({ acquired: 0, scope: 'account' });
  });

  it('counts the same account id in two databases separately', () => {
    const slots = new ExportSlots({ maxConcurrent: 10, maxPerAccount: 1 });
    expect(acquireAll(slots, 1, {}).acquired).toBe(1);
    expect(acquireAll(slots, 1, {}).acquired).toBe(1);
  });

  it('counts an account id as the same whether it is a number, bigint or string', () => {
    const slots = new ExportSlots({ maxConcurrent: 10, maxPerAccount: 1 });
    slots.acquire(7, DATABASE);
    expect([acquireAll(slots, 7n).acquired, acquireAll(slots, '7').acquired]).toEqual([0, 0]);
  });

  it('frees a released slot, and only once', () => {
    const slots = new ExportSlots({ maxConcurrent: 3, maxPerAccount: 3 });
    const slot = slots.acquire(1, DATABASE);
    acquireAll(slots, 1);
    for (let time = 0; time < 2; time++) slot.release();
    expect(slots.running).toBe(2);
    expect(acquireAll(slots, 1).acquired).toBe(1);
  });

  it('stops running exports, but not finished or later ones', () => {
    const slots = new ExportSlots({ maxConcurrent: 3, maxPerAccount: 3 });
    const [finished, ...running] = Array.from({ length: 3 }, () => slots.acquire(1, DATABASE));
    finished?.release();
    const reason = new Error('shutdown');
    slots.stopAll(reason);
    expect(running.map(({ signal }) => signal.reason)).toEqual([reason, reason]);
    expect([finished?.signal.aborted, slots.acquire(1, DATABASE).signal.aborted]).toEqual([
      false,
      false,
    ]);
  });
});
