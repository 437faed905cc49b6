namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Learning-rate schedules. They hold no state beyond their step, and each is made at its first rate.</summary>
        public static partial class lr_scheduler
        {
            /// <summary>Sets the rate of every group of an optimiser at each step.</summary>
            public abstract class LRScheduler
            {
                private readonly bool verbose;
                private double[] lastRates = [];

                private protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    this.verbose = verbose;
                    Groups = optimizer.ParamGroups.ToArray();
                    Epoch = last_epoch;
                    if (last_epoch == -1)
                    {
                        foreach (var group in Groups)
                        {
                            group.InitialLearningRate = group.LearningRate;
                        }
                    }
                    InitialRates = Array.ConvertAll(Groups, group => group.InitialLearningRate);
                }

                private protected ILearningRateController[] Groups { get; }

                private protected double[] InitialRates { get; }

                private protected int Epoch { get; private set; }

                public virtual void step()
                {
                    Epoch++;
                    lastRates = Groups.Select((group, position) => Rate(position, group.LearningRate)).ToArray();
                    for (var position = 0; position < Groups.Length; position++)
                    {
                        if (verbose && Groups[position].LearningRate != lastRates[position])
                        {
                            Console.WriteLine($"Adjusting learning rate to {lastRates[position]}");
                        }
                        Groups[position].LearningRate = lastRates[position];
                    }
                }

                public IEnumerable<double> get_last_lr() => lastRates;

                /// <summary>A group's rate at this epoch, from its rate before.</summary>
                private protected abstract double Rate(int group, double current);
            }
        }
    }
}
