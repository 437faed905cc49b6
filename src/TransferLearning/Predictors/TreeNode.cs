namespace TransferLearning.Predictors;

/// <summary>A node of a tree: rows with <c>x[Feature] &lt;= Threshold</c> go left. A leaf leads to itself.</summary>
internal sealed record TreeNode(long Feature, double Threshold, int Left, int Right, double[] Value);
