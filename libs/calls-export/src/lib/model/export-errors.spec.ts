import { createContext, runInContext } from 'node:vm';
import type { ColumnKind } from './export-column';
import {
  AccountTypeError,
  DatabaseUnavailableError,
  ExportStoppedError,
  InvalidAccountError,
  InvalidAfterError,
  reasonOf,
  TooManyExportsError,
  UnexportableCallError,
} from './export-errors';

describe('Export errors', () => {
  it.each([
    [
      'a limit of an account',
      new TooManyExportsError('account', 4),
      'Account limit reached: 4 exports are already running. Try again when one finishes.',
    ],
    [
      'a limit of the process',
      new TooManyExportsError('process', 9),
      'Server limit reached: 9 exports are already running. Try again when one finishes.',
    ],
    [
      'a database that is down',
      new DatabaseUnavailableError(new Error('secret')),
      'The database is unavailable. Try again soon.',
    ],
    [
      'a database that is slow',
      new DatabaseUnavailableError(new Error('secret'), true),
      'The database did not respond in time: it may be busy or locked, or this export may be too expensive',
    ],
    [
      'an account of the wrong type',
      new InvalidAccountError('a UUID'),
      'The account must be a UUID',
    ],
    [
      'an unknown call in after',
      new InvalidAfterError('unknown'),
      'after must be the id of an existing call of this account. Leave it out to export from the beginning.',
    ],
    [
      'a call in after that has not started',
      new InvalidAfterError('not started'),
      'after must be the id of a call that has started, because a date range has no others. Leave it out to export from the beginning.',
    ],
    [
      'an account that is not a UUID',
      new AccountTypeError('calls', 'ACME'),
      "Can't change calls.account_id to uuid: ACME is not a lowercase UUID. Migrate to text, " +
        'replace each account with its UUID, then migrate to uuid.',
    ],
  ])('say what to do about %s', (_, error, message) => {
    expect(error.message).toBe(message);
  });

  it.each<[ColumnKind | 'creation' | undefined, string]>([
    ['integer', 'a whole number'],
    ['decimal', 'a decimal number'],
    ['boolean', 'true or false'],
    ['text', 'text'],
    ['time', 'in the years 0001 to 9999'],
    ['creation', 'set, because calls are sorted by it'],
    [undefined, 'in the years 0001 to 9999'],
  ])('name the call and the field of an invalid %s', (kind, what) => {
    const error = new UnexportableCallError('7', 'field', kind);
    expect(error.message).toBe(`Call 7 can't be exported: its field is not ${what}`);
    expect(error).toMatchObject({ callId: '7', field: 'field' });
    expect('cause' in error).toBe(false);
  });

  it('do not repeat the error of a mask, which may contain the value', () => {
    const cause = new Error('+15551234567');
    const error = new UnexportableCallError('7', 'phone', 'text', { cause });
    expect(error.message).toBe(
      "Call 7 can't be exported: the mask or the transformer of its phone failed",
    );
    expect(error.cause).toBe(cause);
  });

  it('have the members that a handler needs', () => {
    const cause = new Error('down');
    expect(new TooManyExportsError('account', 4)).toMatchObject({ scope: 'account', running: 4 });
    expect(new AccountTypeError('calls', 'ACME').account).toBe('ACME');
    expect(new DatabaseUnavailableError(cause).cause).toBe(cause);
    expect(new InvalidAccountError('a UUID', cause).cause).toBe(cause);
    expect(new InvalidAccountError('a UUID')).toBeInstanceOf(TypeError);
    expect(new InvalidAfterError('unknown')).toBeInstanceOf(TypeError);
  });
});

describe('reasonOf', () => {
  const named = (name: string, message: string, more: object = {}) =>
    Object.assign(new Error(message), { name, ...more });

  it.each<[string, unknown, string]>([
    ['an error', new Error('lost'), 'lost'],
    ['a long message', new Error('x'.repeat(201)), `${'x'.repeat(200)}… (201 characters)`],
    ['an error from another realm', runInContext('new Error("far")', createContext({})), 'far'],
    ['a text', 'lost', 'lost'],
    ['a long text', 'x'.repeat(201), `${'x'.repeat(200)}… (201 characters)`],
    ['nothing', undefined, 'undefined'],
    ['a plain object with a message', { message: 'lost' }, '[object Object]'],
    ['a database error', new DatabaseUnavailableError(new Error('57P01')), '57P01'],
    [
      'a nested database error',
      new DatabaseUnavailableError(new DatabaseUnavailableError('gone')),
      'gone',
    ],
    [
      'an aborted stream with a cause',
      named('AbortError', 'aborted', { cause: new ExportStoppedError('stopping') }),
      'stopping',
    ],
    ['an aborted stream without a cause', named('AbortError', 'aborted'), 'aborted'],
    ['an error with a cause', named('Error', 'outer', { cause: new Error('inner') }), 'outer'],
    ['an empty message with a code', named('AggregateError', '', { code: 'E1' }), 'E1'],
    ['an empty message with a numeric code', named('Error', '', { code: 0 }), '0'],
    ['an empty message', named('AggregateError', ''), 'AggregateError'],
    [
      'an empty message with a long code',
      named('Error', '', { code: 'y'.repeat(300) }),
      `${'y'.repeat(200)}… (300 characters)`,
    ],
  ])('returns the reason of %s', (_, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
