import { accountIndex, assistantIndex, BY_START, orderOfAll } from './call-order';
import { PageTooLargeError } from './page-reader';

describe('An order of calls', () => {
  it.each([
    ['by id', () => orderOfAll('id'), ['id']],
    ['by creation', () => orderOfAll('createdAt'), ['createdAt', 'id']],
    ['by start', () => BY_START, ['startedAt', 'id']],
  ])('ends with the id, which makes keys unique: %s', (_title, orderOf, fields) => {
    const order = orderOf();
    expect(order.fields).toEqual(fields);
    expect(accountIndex(order)).toEqual(['accountId', ...fields]);
    expect(assistantIndex(order)).toEqual(['assistantId', ...fields]);
  });
});

describe('PageTooLargeError', () => {
  it('says how many calls fit', () => {
    const error = new PageTooLargeError(12);
    expect(error.calls).toBe(12);
    expect(error.message).toBe('The page exceeds its byte limit (calls that fit: 12)');
  });
});
