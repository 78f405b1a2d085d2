/**
 * The type of the account ids in the library's own tables.
 *
 * @publicApi
 */
export type AccountType = 'integer' | 'text' | 'uuid';
