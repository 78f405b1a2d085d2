import { Client } from 'pg';

declare global {
  /** Defined in libs/testing/jest-environment.cjs. */
  var acquireEmbeddedPostgres: () => Promise<{ url: string; release(): void }>;
}

/** Removes what suites leave behind: schemas, roles, and settings of the database, roles and session. */
const RESET = [
  `DO $$
   DECLARE name text;
   BEGIN
     FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
       EXECUTE format('DROP SCHEMA %I CASCADE', name);
     END LOOP;
     FOR name IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> current_user LOOP
       EXECUTE format('DROP OWNED BY %I CASCADE', name);
       EXECUTE format('DROP ROLE %I', name);
     END LOOP;
   END $$`,
  'CREATE SCHEMA public AUTHORIZATION pg_database_owner',
  'GRANT USAGE ON SCHEMA public TO PUBLIC',
  'ALTER DATABASE postgres RESET ALL',
  'ALTER ROLE ALL RESET ALL',
  'DISCARD ALL',
];

/** Acquires an embedded database and removes what earlier suites left behind. */
export async function emptyEmbeddedPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  const { url, release } = await acquireEmbeddedPostgres();
  const client = new Client(url);
  await client.connect();
  try {
    for (const statement of RESET) await client.query(statement);
  } finally {
    await client.end();
  }
  return { url, close: async () => release() };
}
