/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "America/New_York"}
 */
import { describeTimes } from './times';

describeTimes('New York', -300);
