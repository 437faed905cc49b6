namespace TransferLearning;

/// <summary>What a predictor's scores are, and so how probabilities follow from them.</summary>
public enum ScoreKind
{
    /// <summary>
    /// Any real numbers, the larger the likelier: a network's logits, margins, log-probabilities. Their softmax gives
    /// the probabilities of classes; where a row may have any of several labels, each one's logistic function does.
    /// </summary>
    Logits,

    /// <summary>Votes for each class. Divided by their sum they are shares of all votes.</summary>
    Votes,

    /// <summary>
    /// Probabilities already: not negative, of sum 1 in each row; of several labels each between 0 and 1.
    /// </summary>
    Probabilities,

    /// <summary>Predicted values, not scores of classes: they have no probabilities.</summary>
    Values,
}
