"""The lead's board: what will go late, who has the ball, where is nobody on duty?"""
