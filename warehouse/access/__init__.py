"""Who may read: the logins of people, and what becomes of their sandboxes."""
