namespace TransferLearning.Adversarial;

/// <summary>What a critic minimizes to tell source from target by its logits D.</summary>
public enum CriticLoss
{
    /// <summary>Binary cross-entropy, <c>softplus(-D_s) + softplus(D_t)</c>: the original.</summary>
    CrossEntropy,

    /// <summary>
    /// Squared distance to the labels 1 and 0, <c>(D_s - 1)^2 + D_t^2</c>: rows far on their side still have a gradient
    /// (Mao et al. 2017, "Least Squares Generative Adversarial Networks").
    /// </summary>
    LeastSquares,

    /// <summary>
    /// Hinge, <c>max(0, 1 - D_s) + max(0, 1 + D_t)</c>: rows beyond the margin have no gradient (Lim and Ye 2017,
    /// "Geometric GAN").
    /// </summary>
    Hinge,
}
