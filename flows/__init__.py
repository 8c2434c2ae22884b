"""The composition: Prefect flows that name steps, the steps themselves, and the commands."""
