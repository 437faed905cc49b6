using System.Diagnostics.CodeAnalysis;
using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// HFA (Duan et al. 2012): a support vector machine on rows of different features, each beside its image in a
    /// common space. A stage for <c>Add</c>, or a classifier by its <c>Classify</c>.
    /// </summary>
    /// <param name="metricBound">The largest trace lambda of the common space's metric. Default 100.</param>
    [Experimental("TL1003")]
    public static HeterogeneousFeatureAugmentation Hfa(double metricBound = 100) => new() { MetricBound = metricBound };
}
