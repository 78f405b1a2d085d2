/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "UTC"}
 */
import { describeTimes } from './times';

describeTimes('UTC', 0);
