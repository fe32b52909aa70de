"""Who besides its owner may do what with a concert: roles, rights, members and invitations."""
