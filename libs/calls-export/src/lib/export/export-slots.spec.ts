import { TooManyExportsError } from '../model/export-errors';
import { ExportSlots } from './export-slots';

const DATABASE = {};

/** Takes slots until there is none, and answers with how many there were, and why there are no more. */
function takeAll(slots: ExportSlots, account: number | bigint | string, database = DATABASE) {
  for (let taken = 0; ; taken++) {
    try {
      slots.take(account, database);
    } catch (error) {
      const { scope, message } = error as TooManyExportsError;
      return { taken, scope, message };
    }
  }
}

describe('ExportSlots', () => {
  it('has so many for an account, and leaves the others theirs', () => {
    const slots = new ExportSlots({ maxConcurrent: 10, maxPerAccount: 2 });
    expect(takeAll(slots, 1)).toEqual({
      taken: 2,
      scope: 'account',
      message:
        '2 exports of this account are running, which is as many as may: try again when one has ended',
    });
    expect(takeAll(slots, 2)).toMatchObject({ taken: 2, scope: 'account' });
    expect(slots.running).toBe(4);
  });

  it('has so many for all accounts together', () => {
    const slots = new ExportSlots({ maxConcurrent: 3, maxPerAccount: 2 });
    expect(takeAll(slots, 1).taken).toBe(2);
    expect(takeAll(slots, 2)).toEqual({
      taken: 1,
      scope: 'process',
      message: '3 exports are running, which is as many as may: try again soon',
    });
    expect(takeAll(slots, 1)).toMatchObject({ taken: 0, scope: 'account' });
  });

  it('tells accounts apart that are the same in two databases', () => {
    const slots = new ExportSlots({ maxConcurrent: 10, maxPerAccount: 1 });
    expect(takeAll(slots, 1, {}).taken).toBe(1);
    expect(takeAll(slots, 1, {}).taken).toBe(1);
  });

  it('takes an account for the same however its number is written', () => {
    const slots = new ExportSlots({ maxConcurrent: 10, maxPerAccount: 1 });
    slots.take(7, DATABASE);
    expect([takeAll(slots, 7n).taken, takeAll(slots, '7').taken]).toEqual([0, 0]);
  });

  it('has one more for each that is given back, once', () => {
    const slots = new ExportSlots({ maxConcurrent: 3, maxPerAccount: 3 });
    const slot = slots.take(1, DATABASE);
    takeAll(slots, 1);
    for (let time = 0; time < 2; time++) slot.giveBack();
    expect(slots.running).toBe(2);
    expect(takeAll(slots, 1).taken).toBe(1);
  });

  it('stops those that run, and those alone', () => {
    const slots = new ExportSlots({ maxConcurrent: 3, maxPerAccount: 3 });
    const [done, ...running] = Array.from({ length: 3 }, () => slots.take(1, DATABASE));
    done?.giveBack();
    const reason = new Error('the app ends');
    slots.stopAll(reason);
    expect(running.map(({ signal }) => signal.reason)).toEqual([reason, reason]);
    expect([done?.signal.aborted, slots.take(1, DATABASE).signal.aborted]).toEqual([false, false]);
  });
});
