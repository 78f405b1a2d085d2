import { REFUSAL_REASONS, TokenRefused } from './token-refused';

describe('TokenRefused', () => {
  it('has the reason in its message, for the log', () => {
    const refused = new TokenRefused('expired');
    expect(refused).toBeInstanceOf(Error);
    expect(refused.reason).toBe('expired');
    expect(refused.message).toBe('Refused a bearer token: expired');
  });
});

describe('REFUSAL_REASONS', () => {
  it('are stable, as alerts depend on them', () => {
    expect(REFUSAL_REASONS.join(' ')).toBe(
      'missing malformed critical algorithm unknown_key signature expired not_yet_valid no_expiry issuer audience',
    );
  });
});
