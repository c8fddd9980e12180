"""The pages of auditors: what happened, who did it, and that nothing was altered since."""
