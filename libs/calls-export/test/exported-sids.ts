/** Exports calls as an account. @returns their SIDs, or the status if it is not 200. */
export async function exportedSids(
  url: string,
  account = 1,
  others: Record<string, string> = {},
): Promise<unknown> {
  const headers = { 'x-account': String(account), ...others };
  const response = await fetch(url, { headers });
  if (response.status !== 200) return response.status;
  const calls = (await response.json()) as { call_sid: string }[];
  return calls.map(({ call_sid }) => call_sid);
}
