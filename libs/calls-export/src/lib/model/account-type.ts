/** What the accounts of the library's own tables are. */
export type AccountType = 'integer' | 'text' | 'uuid';
