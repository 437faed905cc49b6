namespace TransferLearning.ZeroShot;

/// <summary>How what was read off a row is held against the description of a class.</summary>
public enum ClassComparison
{
    /// <summary>The inner product <c>a . s_c</c>.</summary>
    Product,

    /// <summary>The cosine <c>a . s_c / (|a| |s_c|)</c>; 0 where either is zero.</summary>
    Cosine,

    /// <summary>
    /// The log-likelihood of the class's binary attributes by logits a, less that under the attributes' priors.
    /// </summary>
    Likelihood,
}
